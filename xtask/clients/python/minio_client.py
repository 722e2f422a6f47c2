"""What applications do with minio-py: python minio_client.py URL ACCESS SECRET BUCKET, which does not exist yet."""

import io
import sys
import urllib.request
from urllib.parse import urlsplit

from minio import Minio
from minio.commonconfig import CopySource
from minio.deleteobjects import DeleteObject

url, access, secret, bucket = sys.argv[1:5]
parts = urlsplit(url)
client = Minio(endpoint=parts.netloc, access_key=access, secret_key=secret, secure=parts.scheme == "https")
assert not client.bucket_exists(bucket_name=bucket)
client.make_bucket(bucket_name=bucket)
assert bucket in [found.name for found in client.list_buckets()]
body = b"hello, world\n"
for key, content in (("a/empty", b""), ("a/b c+\u00e4", body)):
    client.put_object(
        bucket_name=bucket, object_name=key, data=io.BytesIO(content), length=len(content), metadata={"colour": "red"}
    )
    answer = client.get_object(bucket_name=bucket, object_name=key)
    assert answer.read() == content, key
    answer.close()
    answer.release_conn()
assert client.stat_object(bucket_name=bucket, object_name="a/b c+\u00e4").size == len(body)
client.copy_object(bucket_name=bucket, object_name="copy", source=CopySource(bucket_name=bucket, object_name="a/b c+\u00e4"))
assert len(list(client.list_objects(bucket_name=bucket, prefix="a/"))) == 2
link = client.presigned_get_object(bucket_name=bucket, object_name="copy")
assert urllib.request.urlopen(link).read() == body
doomed = [DeleteObject(name=found.object_name) for found in client.list_objects(bucket_name=bucket, recursive=True)]
assert not list(client.remove_objects(bucket_name=bucket, delete_object_list=doomed))
client.remove_bucket(bucket_name=bucket)
print("all passed")
