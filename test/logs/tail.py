"""What `aws logs tail` and `aws logs tail --follow` call of version 2 of the command line, with boto3; lines of JSON."""
import json
import sys
import time

import boto3

group, last = sys.argv[1:]
logs = boto3.client("logs")
arguments = {"logGroupName": group, "interleaved": True, "startTime": int((time.time() - 600) * 1000)}

pages = logs.get_paginator("filter_log_events").paginate(**arguments)
print(json.dumps([event["message"] for page in pages for event in page["events"]]), flush=True)

seen = set()
while True:
    answer = logs.filter_log_events(**arguments)
    for event in answer["events"]:
        if event["eventId"] in seen:
            continue
        seen.add(event["eventId"])
        print(json.dumps(event), flush=True)
        if event["message"] == last:
            sys.exit()
    if "nextToken" in answer:
        arguments["nextToken"] = answer["nextToken"]
    else:
        arguments.pop("nextToken", None)
        if answer["events"]:
            arguments["startTime"] = max(event["timestamp"] for event in answer["events"])
        time.sleep(0.1)
