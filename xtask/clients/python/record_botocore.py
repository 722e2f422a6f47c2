"""What applications do with botocore, for the recordings: record_botocore.py URL TLS_URL ACCESS SECRET BUCKET."""

import io
import sys
import urllib.request

import botocore.session
from botocore.config import Config

url, tls_url, access, secret, bucket = sys.argv[1:6]
session = botocore.session.get_session()
keys = {"aws_access_key_id": access, "aws_secret_access_key": secret, "region_name": "us-east-1"}


def client(endpoint, **config):
    return session.create_client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"}, **config), **keys)


class Stream(io.RawIOBase):
    """A body of unknown length, which botocore sends in chunks."""

    def __init__(self, body):
        self.body = io.BytesIO(body)

    def read(self, size=-1):
        return self.body.read(size)

    def readable(self):
        return True

    def seekable(self):
        return False


def send(method, link, body=None, headers=None):
    try:
        urllib.request.urlopen(urllib.request.Request(link, data=body, method=method, headers=headers or {})).read()
    except urllib.error.HTTPError as error:
        print(method, link, error.code, error.read()[:200])


s3 = client(url)
s3.create_bucket(Bucket=bucket)
s3.head_bucket(Bucket=bucket)
s3.list_buckets()
s3.get_bucket_location(Bucket=bucket)
body = b"hello, world\n"
s3.put_object(Bucket=bucket, Key="empty", Body=b"")
s3.put_object(Bucket=bucket, Key="a/b c+\u00e4~*'()!&=@:$,;?#%", Body=body, ContentType="text/plain", Metadata={"colour": "red", "note": "two  spaces"})
s3.get_object(Bucket=bucket, Key="a/b c+\u00e4~*'()!&=@:$,;?#%", Range="bytes=7-11")
s3.head_object(Bucket=bucket, Key="a/b c+\u00e4~*'()!&=@:$,;?#%", ChecksumMode="ENABLED")
for algorithm in ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"):
    try:
        s3.put_object(Bucket=bucket, Key="sums/" + algorithm, Body=body, ChecksumAlgorithm=algorithm)
    except Exception as error:  # some of them are computed only with an extra package
        print(algorithm, error)
s3.get_object_attributes(Bucket=bucket, Key="sums/SHA256", ObjectAttributes=["ETag", "ObjectSize", "Checksum"])
s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a/b c+\u00e4~*'()!&=@:$,;?#%"})
s3.list_objects_v2(Bucket=bucket, Prefix="a/b c", Delimiter="/", MaxKeys=7)
s3.list_objects(Bucket=bucket, Prefix="sums/", EncodingType="url")
s3.list_object_versions(Bucket=bucket, MaxKeys=2)
upload = s3.create_multipart_upload(Bucket=bucket, Key="parts", ChecksumAlgorithm="CRC32")["UploadId"]
part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=body, ChecksumAlgorithm="CRC32")
s3.list_parts(Bucket=bucket, Key="parts", UploadId=upload)
s3.list_multipart_uploads(Bucket=bucket)
s3.complete_multipart_upload(
    Bucket=bucket,
    Key="parts",
    UploadId=upload,
    MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]},
)
upload = s3.create_multipart_upload(Bucket=bucket, Key="aborted")["UploadId"]
s3.upload_part_copy(Bucket=bucket, Key="aborted", UploadId=upload, PartNumber=1, CopySource=f"{bucket}/copy")
s3.abort_multipart_upload(Bucket=bucket, Key="aborted", UploadId=upload)

# Over TLS the body is not signed, and checksums are in trailers.
tls = client(tls_url)
tls.put_object(Bucket=bucket, Key="tls", Body=body)
tls.put_object(Bucket=bucket, Key="tls-empty", Body=b"")
tls.put_object(Bucket=bucket, Key="tls-sha256", Body=body, ChecksumAlgorithm="SHA256")
tls.put_object(Bucket=bucket, Key="tls-stream", Body=Stream(body * 100), ContentLength=len(body) * 100, ContentEncoding="gzip")
client(tls_url, request_checksum_calculation="when_required").put_object(Bucket=bucket, Key="tls-unsigned", Body=body)
client(url, request_checksum_calculation="when_required").put_object(Bucket=bucket, Key="no-checksum", Body=body)

# Presigned URLs and forms of both versions.
for version in ("s3v4", "s3"):
    signer = client(url, signature_version=version, request_checksum_calculation="when_required")
    there = {"Bucket": bucket, "Key": "presigned key"}
    link = signer.generate_presigned_url("put_object", Params={**there, "ContentType": "text/plain"}, ExpiresIn=3600)
    send("PUT", link, b"sent", {"Content-Type": "text/plain"})
    send("GET", signer.generate_presigned_url("get_object", Params={**there, "ResponseContentType": "text/csv"}, ExpiresIn=3600))
    send("HEAD", signer.generate_presigned_url("head_object", Params=there, ExpiresIn=3600))
    if version == "s3v4":
        send("GET", signer.generate_presigned_url("list_objects_v2", Params={"Bucket": bucket, "Prefix": "a/"}, ExpiresIn=3600))
    send("DELETE", signer.generate_presigned_url("delete_object", Params=there, ExpiresIn=3600))
    conditions = [["starts-with", "$Content-Type", "text/"], ["content-length-range", 0, 100]]
    form = signer.generate_presigned_post(bucket, "form/${filename}", Fields=None, Conditions=conditions, ExpiresIn=3600)
    fields = {**form["fields"], "Content-Type": "text/plain"}
    lines = []
    for name, value in fields.items():
        lines += ["--form-boundary", f'Content-Disposition: form-data; name="{name}"', "", value]
    lines += ["--form-boundary", 'Content-Disposition: form-data; name="file"; filename="small.txt"', "Content-Type: text/plain", ""]
    text = "\r\n".join(lines).encode() + b"\r\n" + body + b"\r\n--form-boundary--\r\n"
    send("POST", form["url"], text, {"Content-Type": "multipart/form-data; boundary=form-boundary"})

# Version 2 in headers.
old = client(url, signature_version="s3", request_checksum_calculation="when_required")
old.put_object(Bucket=bucket, Key="version 2", Body=body, ContentType="text/plain", Metadata={"colour": "red"})
old.get_object(Bucket=bucket, Key="version 2", ResponseContentType="text/csv")
old.delete_object(Bucket=bucket, Key="version 2")

# Reads that tools make of buckets.
for name in (
    "get_bucket_acl get_bucket_cors get_bucket_encryption get_bucket_lifecycle_configuration get_bucket_policy"
    " get_bucket_tagging get_bucket_versioning get_object_lock_configuration"
).split():
    try:
        getattr(s3, name)(Bucket=bucket)
    except botocore.exceptions.ClientError:
        pass
s3.get_object_tagging(Bucket=bucket, Key="copy")

found = [{"Key": item["Key"]} for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
s3.delete_objects(Bucket=bucket, Delete={"Objects": found[1:], "Quiet": True})
s3.delete_object(Bucket=bucket, Key=found[0]["Key"])
s3.delete_bucket(Bucket=bucket)
