"""What boto3 does with S3, STS and IAM as a script of a user's would; prints what it saw as JSON."""
import hashlib
import json
import os
import sys

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

folder = sys.argv[1]
saw = {}

s3 = boto3.client("s3")
region = s3.meta.region_name
s3.create_bucket(Bucket="from-boto3", CreateBucketConfiguration={"LocationConstraint": region})
saw["buckets"] = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
saw["location"] = s3.get_bucket_location(Bucket="from-boto3")["LocationConstraint"]

# In parts, with the checksums that boto3 adds by itself, and back in ranges.
big = os.path.join(folder, "big.bin")
with open(big, "wb") as file:
    for i in range(3):
        file.write(hashlib.sha256(bytes([i])).digest() * (200 * 1024))
config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
s3.upload_file(big, "from-boto3", "models/big.bin", Config=config, ExtraArgs={"Metadata": {"k": "v"}})
s3.download_file("from-boto3", "models/big.bin", big + ".back", Config=config)
with open(big, "rb") as a, open(big + ".back", "rb") as b:
    saw["same"] = a.read() == b.read()
head = s3.head_object(Bucket="from-boto3", Key="models/big.bin")
saw["etag"] = head["ETag"][-3:]
saw["metadata"] = head["Metadata"]

# A file-like body goes up with Expect: 100-continue.
with open(big, "rb") as file:
    s3.put_object(Bucket="from-boto3", Key="whole", Body=file, ServerSideEncryption="aws:kms")
saw["encryption"] = s3.head_object(Bucket="from-boto3", Key="whole")["ServerSideEncryption"]

s3.copy({"Bucket": "from-boto3", "Key": "models/big.bin"}, "from-boto3", "copied", Config=config)
saw["copied"] = s3.head_object(Bucket="from-boto3", Key="copied")["ContentLength"] == os.path.getsize(big)

odd = ["odd/", "odd//x", "odd/../y", "odd", "odd/z", "é", "e\u0301", "a\rb"]
for key in odd:
    s3.put_object(Bucket="from-boto3", Key=key, Body=key.encode())
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="from-boto3", PaginationConfig={"PageSize": 3})
saw["keys"] = [one["Key"] for page in pages for one in page["Contents"]]
saw["bodies"] = all(s3.get_object(Bucket="from-boto3", Key=key)["Body"].read() == key.encode() for key in odd)


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


saw["refused"] = [
    refused(s3.head_bucket, Bucket="nobody-made-this"),
    refused(s3.head_object, Bucket="from-boto3", Key="nothing"),
    refused(s3.get_object, Bucket="from-boto3", Key="nothing"),
    refused(s3.put_object, Bucket="from-boto3", Key="whole", Body=b"", IfNoneMatch="*"),
    refused(s3.put_object, Bucket="from-boto3", Key="x", Body=b"", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA=="),
    refused(s3.get_bucket_acl, Bucket="from-boto3"),
]

boto3.resource("s3").Bucket("from-boto3").objects.all().delete()
s3.delete_bucket(Bucket="from-boto3")

# As the SageMaker Python SDK makes its STS client: with AWS's own address written into it.
sts = boto3.client("sts", endpoint_url="https://sts.%s.amazonaws.com" % region)
saw["identity"] = sts.get_caller_identity()["Arn"]
assumed = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/Other", RoleSessionName="me")
keys = assumed["Credentials"]
other = boto3.client(
    "sts",
    aws_access_key_id=keys["AccessKeyId"],
    aws_secret_access_key=keys["SecretAccessKey"],
    aws_session_token=keys["SessionToken"],
)
saw["assumed"] = other.get_caller_identity()["Arn"]

iam = boto3.client("iam")
saw["role"] = iam.get_role(RoleName="LocalSageMakerRole")["Role"]["Arn"]
saw["no role"] = refused(iam.get_role, RoleName="Nobody")
trust = {"Version": "2012-10-17", "Statement": []}
iam.create_role(RoleName="Made", Path="/service-role/", AssumeRolePolicyDocument=json.dumps(trust))
iam.attach_role_policy(RoleName="Made", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
saw["trust"] = iam.get_role(RoleName="Made")["Role"]["AssumeRolePolicyDocument"] == trust
saw["roles"] = [role["Arn"] for role in iam.list_roles()["Roles"]]
saw["again"] = refused(iam.create_role, RoleName="Made", AssumeRolePolicyDocument="{}")

print(json.dumps(saw))
