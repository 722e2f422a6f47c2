"""What analysts do with polars, pyarrow and Python's s3fs: tables.py URL ACCESS SECRET BUCKET, which exists."""

import sys

import polars
import pyarrow
import pyarrow.fs
import pyarrow.parquet
import s3fs

url, access, secret, bucket = sys.argv[1:5]
columns = {"number": list(range(1000)), "name": [f"row {number}" for number in range(1000)]}

options = {
    "aws_endpoint_url": url,
    "aws_access_key_id": access,
    "aws_secret_access_key": secret,
    "aws_region": "us-east-1",
    "aws_allow_http": "true",
}
frame = polars.DataFrame(columns)
frame.write_parquet(f"s3://{bucket}/polars/table.parquet", storage_options=options)
scanned = polars.scan_parquet(f"s3://{bucket}/polars/*.parquet", storage_options=options)
assert scanned.filter(polars.col("number") >= 990).collect().height == 10
print("polars")

scheme, address = url.split("://")
arrow = pyarrow.fs.S3FileSystem(
    endpoint_override=address, scheme=scheme, access_key=access, secret_key=secret, region="us-east-1"
)
table = pyarrow.table(columns)
pyarrow.parquet.write_to_dataset(table, f"{bucket}/pyarrow", filesystem=arrow)
assert pyarrow.parquet.read_table(f"{bucket}/pyarrow", filesystem=arrow).num_rows == 1000
arrow.create_dir(f"{bucket}/pyarrow/folder")
arrow.delete_dir(f"{bucket}/pyarrow")
print("pyarrow")

files = s3fs.S3FileSystem(key=access, secret=secret, client_kwargs={"endpoint_url": url, "region_name": "us-east-1"})
with files.open(f"{bucket}/s3fs/empty", "wb"):
    pass
with files.open(f"{bucket}/s3fs/big", "wb") as file:
    file.write(bytes(12 << 20))
assert files.info(f"{bucket}/s3fs/big")["size"] == 12 << 20
assert sorted(files.ls(f"{bucket}/s3fs")) == [f"{bucket}/s3fs/big", f"{bucket}/s3fs/empty"]
files.mv(f"{bucket}/s3fs/big", f"{bucket}/s3fs/moved")
files.rm(f"{bucket}/s3fs", recursive=True)
assert not files.exists(f"{bucket}/s3fs/moved")
print("s3fs")
