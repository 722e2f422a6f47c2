// What applications do with the AWS SDK for JavaScript: node s3_client.cjs URL ACCESS SECRET BUCKET, which does not exist
// yet. NODE_PATH names the folder of the packages.
"use strict";

const assert = require("node:assert");
const { Readable } = require("node:stream");
const s3 = require("@aws-sdk/client-s3");

async function main() {
    const [endpoint, accessKeyId, secretAccessKey, Bucket] = process.argv.slice(2);
    const credentials = { accessKeyId, secretAccessKey };
    const client = new s3.S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true });
    const text = async (Key) => (await client.send(new s3.GetObjectCommand({ Bucket, Key }))).Body.transformToString();
    const put = (Key, Body, more) => client.send(new s3.PutObjectCommand({ Bucket, Key, Body, ...more }));

    await client.send(new s3.CreateBucketCommand({ Bucket }));
    await client.send(new s3.HeadBucketCommand({ Bucket }));
    const { Buckets } = await client.send(new s3.ListBucketsCommand({}));
    assert(Buckets.some((found) => found.Name === Bucket));
    await put("a/empty", "");
    await put("a/b c+\u00e4", "hello, world\n", { ContentType: "text/plain", Metadata: { colour: "red" } });
    await put("a/stream", Readable.from(["hello, ", "world\n"]), { ContentLength: 13 });
    await put("a/sha256", "hello, world\n", { ChecksumAlgorithm: "SHA256" });
    assert.strictEqual(await text("a/empty"), "");
    assert.strictEqual(await text("a/b c+\u00e4"), "hello, world\n");
    assert.strictEqual(await text("a/stream"), "hello, world\n");
    const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key: "a/b c+\u00e4" }));
    assert.deepStrictEqual(head.Metadata, { colour: "red" });
    await client.send(new s3.CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/a/sha256` }));
    const created = await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
    const upload = { Bucket, Key: "parts", UploadId: created.UploadId };
    const part = await client.send(new s3.UploadPartCommand({ ...upload, PartNumber: 1, Body: "a part" }));
    const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }];
    await client.send(new s3.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
    assert.strictEqual(await text("parts"), "a part");
    const listed = await client.send(new s3.ListObjectsV2Command({ Bucket }));
    assert.strictEqual(listed.Contents.length, 6);
    const Objects = listed.Contents.map(({ Key }) => ({ Key }));
    const deleted = await client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.strictEqual(deleted.Deleted.length, 6);
    await client.send(new s3.DeleteBucketCommand({ Bucket }));
    console.log("all passed");
}

main().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
