"""What a script with boto3 asks CloudWatch for, and puts into it; prints what it saw as JSON."""
import datetime
import json
import sys

import boto3
from botocore.exceptions import ClientError

endpoint = sys.argv[1]
cloudwatch = boto3.client("cloudwatch")
now = datetime.datetime.now(datetime.timezone.utc)
times = {"StartTime": now - datetime.timedelta(minutes=30), "EndTime": now + datetime.timedelta(minutes=5)}
dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}]
saw = {}


def query(number, name, stat):
    metric = {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": dimensions}
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": stat}}


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]


asked = [
    ("Invocations", "Sum"), ("Invocation4XXErrors", "Sum"), ("Invocation5XXErrors", "Average"),
    ("InvocationsPerInstance", "Sum"), ("ModelLatency", "SampleCount"), ("ModelLatency", "p99"), ("OverheadLatency", "Minimum"),
]
queries = [query(i, *each) for i, each in enumerate(asked)]
results = cloudwatch.get_metric_data(MetricDataQueries=queries, **times)["MetricDataResults"]
saw["data"] = {" ".join(each): sum(result["Values"]) for each, result in zip(asked, results)}

statistics = cloudwatch.get_metric_statistics(
    Namespace="AWS/SageMaker", MetricName="ModelLatency", Dimensions=dimensions, Period=3600,
    Statistics=["Average", "Maximum"], ExtendedStatistics=["p50"], **times,
)
saw["label"] = statistics["Label"]
saw["units"] = sorted({point["Unit"] for point in statistics["Datapoints"]})
saw["extended"] = all(0 < point["ExtendedStatistics"]["p50"] <= point["Maximum"] for point in statistics["Datapoints"])

listed = cloudwatch.get_paginator("list_metrics").paginate(Namespace="AWS/SageMaker", Dimensions=dimensions[:1])
saw["metrics"] = [metric["MetricName"] for page in listed for metric in page["Metrics"]]

# More than 10 kB, which botocore sends in gzip.
cloudwatch.put_metric_data(Namespace="Mine", MetricData=[
    {"MetricName": "Loss", "Timestamp": now, "Value": float(i), "Unit": "None", "Dimensions": [{"Name": "Run", "Value": "x" * 60}]}
    for i in range(300)
])
cloudwatch.put_metric_data(Namespace="Mine", MetricData=[
    {"MetricName": "Counted", "Values": [1.0, 5.0], "Counts": [3.0, 1.0]},
    {"MetricName": "Summed", "StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4}},
])
metric = {"Namespace": "Mine", "MetricName": "Loss", "Dimensions": [{"Name": "Run", "Value": "x" * 60}]}
pages = cloudwatch.get_paginator("get_metric_data").paginate(
    MetricDataQueries=[{"Id": f"q{i}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}} for i, stat in enumerate(["Sum", "Maximum", "p50"])],
    PaginationConfig={"PageSize": 1}, **times,
)
saw["loss"] = [round(value) for page in pages for result in page["MetricDataResults"] for value in result["Values"]]
for name in ["Counted", "Summed"]:
    points = cloudwatch.get_metric_statistics(Namespace="Mine", MetricName=name, Period=3600, Statistics=["Sum", "SampleCount"], **times)
    saw[name] = [sum(point[key] for point in points["Datapoints"]) for key in ["Sum", "SampleCount"]]

one = [{"MetricName": "m", "Value": 1.0}]
saw["refused"] = [
    refused(cloudwatch.put_metric_data, Namespace="AWS/SageMaker", MetricData=one),
    refused(cloudwatch.put_metric_data, Namespace="Mine", MetricData=[{"MetricName": "m", "Value": 1e120}]),
    refused(cloudwatch.put_metric_data, Namespace="Mine", MetricData=[{"MetricName": "m"}]),
    refused(cloudwatch.put_metric_data, Namespace="Mine", MetricData=[{**one[0], "Timestamp": now - datetime.timedelta(days=20)}]),
    refused(cloudwatch.get_metric_statistics, Namespace="Mine", MetricName="m", Period=60, Statistics=["Sum"], StartTime=now, EndTime=now),
    refused(cloudwatch.get_metric_statistics, Namespace="Mine", MetricName="m", Period=60, Statistics=["Sum"],
            StartTime=now - datetime.timedelta(days=2), EndTime=now),
    refused(cloudwatch.get_metric_statistics, Namespace="Mine", MetricName="m", Period=60, **times),
    refused(cloudwatch.get_metric_data, MetricDataQueries=[{"Id": "e", "Expression": "m1/2"}], **times),
    refused(cloudwatch.get_metric_data, MetricDataQueries=[], NextToken="x", **times),
    refused(cloudwatch.describe_insight_rules),
    refused(cloudwatch.list_metrics, Namespace="n" * 256),
]
print(json.dumps(saw))
