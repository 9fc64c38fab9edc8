"""Reads a page as Prometheus would, strictly, and prints each sample as JSON: its name, labels and value, and each family's type."""
import json
import sys

from prometheus_client.parser import text_string_to_metric_families

families = list(text_string_to_metric_families(sys.stdin.read()))
names = [family.name for family in families]
assert len(names) == len(set(names)), names
samples = [(s.name, s.labels, s.value) for family in families for s in family.samples]
keys = [(name, tuple(sorted(labels.items()))) for name, labels, _ in samples]
assert len(keys) == len(set(keys)), "a sample is there twice"
print(json.dumps({"types": {f.name: f.type for f in families}, "samples": samples}))
