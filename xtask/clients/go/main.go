// What applications do with the AWS SDK for Go: clients URL ACCESS SECRET BUCKET, which does not exist yet.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const hello = "hello, world\n"

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("all passed")
}

func run(endpoint, access, secret, bucket string) error {
	ctx := context.Background()
	client := s3.New(s3.Options{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		UsePathStyle: true,
		Credentials:  credentials.NewStaticCredentialsProvider(access, secret, ""),
		HTTPClient:   awshttp.NewBuildableClient(),
	})
	if _, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		return err
	}
	if _, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket}); err != nil {
		return err
	}
	if _, err := client.ListBuckets(ctx, &s3.ListBucketsInput{}); err != nil {
		return err
	}
	for key, body := range map[string]string{"a/empty": "", "a/b c+\u00e4": hello} {
		if err := putAndGet(ctx, client, bucket, key, body, ""); err != nil {
			return err
		}
	}
	if err := putAndGet(ctx, client, bucket, "a/sha256", hello, types.ChecksumAlgorithmSha256); err != nil {
		return err
	}
	source := bucket + "/a/sha256"
	if _, err := client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &bucket, Key: aws.String("copy"), CopySource: &source}); err != nil {
		return err
	}
	if err := presign(ctx, client, bucket); err != nil {
		return err
	}
	if err := uploadParts(ctx, client, bucket); err != nil {
		return err
	}
	return deleteAll(ctx, client, bucket)
}

func putAndGet(ctx context.Context, client *s3.Client, bucket, key, body string, sum types.ChecksumAlgorithm) error {
	put := &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body), ChecksumAlgorithm: sum}
	put.Metadata = map[string]string{"colour": "red"}
	if _, err := client.PutObject(ctx, put); err != nil {
		return err
	}
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return err
	}
	defer got.Body.Close()
	read, err := io.ReadAll(got.Body)
	if err != nil {
		return err
	}
	if !bytes.Equal(read, []byte(body)) {
		return fmt.Errorf("%s: got %q", key, read)
	}
	return nil
}

func presign(ctx context.Context, client *s3.Client, bucket string) error {
	signed, err := s3.NewPresignClient(client).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("copy")})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, signed.Method, signed.URL, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil || string(read) != hello {
		return fmt.Errorf("presigned: %d %q %w", answer.StatusCode, read, err)
	}
	return nil
}

func uploadParts(ctx context.Context, client *s3.Client, bucket string) error {
	key := aws.String("parts")
	created, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: key})
	if err != nil {
		return err
	}
	number := aws.Int32(1)
	part, err := client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &bucket, Key: key, UploadId: created.UploadId, PartNumber: number, Body: strings.NewReader(hello),
	})
	if err != nil {
		return err
	}
	parts := []types.CompletedPart{{PartNumber: number, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32}}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &bucket, Key: key, UploadId: created.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	return err
}

func deleteAll(ctx context.Context, client *s3.Client, bucket string) error {
	listed, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &bucket})
	if err != nil {
		return err
	}
	var doomed []types.ObjectIdentifier
	for _, found := range listed.Contents {
		doomed = append(doomed, types.ObjectIdentifier{Key: found.Key})
	}
	if len(doomed) != 5 {
		return fmt.Errorf("listed %d objects", len(doomed))
	}
	deleted, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: &bucket, Delete: &types.Delete{Objects: doomed}})
	if err != nil {
		return err
	}
	if len(deleted.Errors) > 0 {
		return fmt.Errorf("%d objects were not deleted", len(deleted.Errors))
	}
	_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &bucket})
	return err
}
