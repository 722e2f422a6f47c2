"""Puts an empty object and then another on one connection: put_after_empty.py URL ACCESS SECRET BUCKET, which does not
exist yet.

Old versions of botocore keep the status of the response to the first for the second, unless an interim response came or
the connection was closed, and then wait for a time-out and lose the headers of the second response.
"""

import sys

import botocore.session
from botocore.config import Config

url, access, secret, bucket = sys.argv[1:5]
s3 = botocore.session.get_session().create_client(
    "s3",
    endpoint_url=url,
    aws_access_key_id=access,
    aws_secret_access_key=secret,
    region_name="us-east-1",
    config=Config(retries={"max_attempts": 0}),
)
s3.create_bucket(Bucket=bucket)
for round in range(3):
    for key, body in (("empty", b""), ("full", b"hello"), ("empty", b""), ("empty-again", b"")):
        answer = s3.put_object(Bucket=bucket, Key=key, Body=body)
        assert answer.get("ETag"), (round, key, answer)
print("all passed")
