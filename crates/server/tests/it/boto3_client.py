"""What applications do with boto3, against one bucket: python boto3_client.py URL ACCESS SECRET BUCKET."""

import hashlib
import io
import sys
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

url, access, secret, bucket = sys.argv[1:5]
PATHS = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
s3 = boto3.client(
    "s3",
    endpoint_url=url,
    aws_access_key_id=access,
    aws_secret_access_key=secret,
    region_name="us-east-1",
    config=PATHS,
)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]["Code"]
        assert got in code, f"{got}, not {code}"
        return
    raise AssertionError(f"not refused with {code}")


# Objects: metadata, headers, ranges, conditions.
body = b"hello, world"
etag = '"' + hashlib.md5(body).hexdigest() + '"'
put = s3.put_object(
    Bucket=bucket, Key="a/b c+ä", Body=body, ContentType="text/plain", CacheControl="no-store", Metadata={"colour": "red"}
)
assert put["ETag"] == etag, put
head = s3.head_object(Bucket=bucket, Key="a/b c+ä")
assert head["ContentLength"] == len(body) and head["ContentType"] == "text/plain", head
assert head["CacheControl"] == "no-store" and head["Metadata"] == {"colour": "red"}, head
got = s3.get_object(Bucket=bucket, Key="a/b c+ä", Range="bytes=7-11")
assert got["Body"].read() == b"world" and got["ContentRange"] == "bytes 7-11/12", got
refused(("304",), s3.get_object, Bucket=bucket, Key="a/b c+ä", IfNoneMatch=etag)
refused(("PreconditionFailed", "412"), s3.get_object, Bucket=bucket, Key="a/b c+ä", IfMatch='"0"')
refused(("NoSuchKey",), s3.get_object, Bucket=bucket, Key="missing")
refused(("InvalidRange",), s3.get_object, Bucket=bucket, Key="a/b c+ä", Range="bytes=100-200")

for nonsense in ("bytes=0-0,2-3", "lines=1-2"):
    got = s3.get_object(Bucket=bucket, Key="a/b c+ä", Range=nonsense)
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 200 and got["Body"].read() == body, (nonsense, got)

# Attributes, and a client that is configured with another region: it may learn the right one, or be let in.
s3.put_object(Bucket=bucket, Key="attributes", Body=body, ChecksumAlgorithm="SHA256")
told = s3.get_object_attributes(Bucket=bucket, Key="attributes", ObjectAttributes=["ETag", "ObjectSize", "Checksum"])
assert (told["ETag"], told["ObjectSize"]) == (etag.strip('"'), len(body)), told
assert told["Checksum"]["ChecksumSHA256"], told
elsewhere = boto3.client(
    "s3", endpoint_url=url, aws_access_key_id=access, aws_secret_access_key=secret, region_name="eu-west-3", config=PATHS
)
assert elsewhere.get_object(Bucket=bucket, Key="attributes")["Body"].read() == body
assert elsewhere.get_bucket_location(Bucket=bucket)["LocationConstraint"] in (None, "us-east-1")

# Checksums.
for algorithm in ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"):
    try:
        s3.put_object(Bucket=bucket, Key="sums/" + algorithm, Body=body, ChecksumAlgorithm=algorithm)
    except Exception as error:  # botocore computes some of them only with an extra package.
        assert "CRT" in str(error) or "crt" in str(error), error
        continue
    head = s3.head_object(Bucket=bucket, Key="sums/" + algorithm, ChecksumMode="ENABLED")
    assert head.get("Checksum" + algorithm), head

# Multipart by the transfer manager, and by hand.
big = bytes(range(256)) * 50000
config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
s3.upload_fileobj(io.BytesIO(big), bucket, "big", Config=config)
out = io.BytesIO()
s3.download_fileobj(bucket, "big", out, Config=config)
assert out.getvalue() == big
assert s3.head_object(Bucket=bucket, Key="big")["ETag"].endswith('-3"')
upload = s3.create_multipart_upload(Bucket=bucket, Key="aborted")["UploadId"]
s3.upload_part(Bucket=bucket, Key="aborted", UploadId=upload, PartNumber=1, Body=b"x")
assert len(s3.list_parts(Bucket=bucket, Key="aborted", UploadId=upload)["Parts"]) == 1
s3.abort_multipart_upload(Bucket=bucket, Key="aborted", UploadId=upload)
refused(("NoSuchUpload",), s3.list_parts, Bucket=bucket, Key="aborted", UploadId=upload)

# Copies.
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a/b c+ä"})
assert s3.get_object(Bucket=bucket, Key="copy")["Metadata"] == {"colour": "red"}
s3.copy_object(
    Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a/b c+ä"}, MetadataDirective="REPLACE", Metadata={}
)
assert s3.get_object(Bucket=bucket, Key="copy")["Metadata"] == {}

# Lists.
for number in range(25):
    s3.put_object(Bucket=bucket, Key=f"list/{number % 5}/{number:02}", Body=b"x")
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="list/", PaginationConfig={"PageSize": 7})
assert len([item for page in pages for item in page["Contents"]]) == 25
folders = s3.list_objects_v2(Bucket=bucket, Prefix="list/", Delimiter="/")
assert [folder["Prefix"] for folder in folders["CommonPrefixes"]] == [f"list/{number}/" for number in range(5)]
assert "Contents" not in folders
old = s3.list_objects(Bucket=bucket, Prefix="list/", MaxKeys=3)
assert old["IsTruncated"] and len(old["Contents"]) == 3

# Presigned.
link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a/b c+ä"})
assert urllib.request.urlopen(link).read() == body
link = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "presigned", "ContentType": "text/plain"})
urllib.request.urlopen(urllib.request.Request(link, data=b"sent", method="PUT", headers={"Content-Type": "text/plain"}))
assert s3.get_object(Bucket=bucket, Key="presigned")["Body"].read() == b"sent"

# What the hub keeps for itself, and what is nobody's.
refused(("AccessDenied", "BucketAlreadyOwnedByYou"), s3.create_bucket, Bucket=bucket)
refused(("AccessDenied", "NotImplemented"), s3.delete_bucket_policy, Bucket=bucket)
refused(("AccessDenied", "NoSuchBucket"), s3.get_object, Bucket="somebody-elses", Key="x")

keys = [{"Key": item["Key"]} for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket) for item in page["Contents"]]
deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
assert len(deleted["Deleted"]) == len(keys) and not deleted.get("Errors"), deleted
s3.put_object(Bucket=bucket, Key="kept", Body=b"")
refused(("AccessDenied", "BucketNotEmpty"), s3.delete_bucket, Bucket=bucket)
s3.delete_object(Bucket=bucket, Key="kept")
print("all passed")
