"""Runs Python for a test, one program a line, with boto3 loaded once.

    python boto3_session.py URL REGION

Each line of input is a program as a JSON string. It has the clients `s3`, `sagemaker`, `ecr` and `iam`, and `show(value)`, whose
value is the answer. Each line of output is `{"value": …}`, or `{"error": TRACEBACK}`.
"""

import hashlib
import json
import sys
import traceback

import boto3


def clients(service):
    return boto3.client(
        service,
        endpoint_url=sys.argv[1],
        region_name=sys.argv[2],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def main():
    given = {name: clients(name) for name in ["s3", "sagemaker", "ecr", "iam"]}
    for line in sys.stdin:
        shown = []
        try:
            exec(json.loads(line), {**given, "hashlib": hashlib, "show": shown.append})
            answer = {"value": shown[-1] if shown else None}
        except Exception:
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer, default=str), flush=True)


main()
