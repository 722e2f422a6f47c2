"""The five minutes of the README with a client that openapi-python-client generated: five_minutes.py URL"""

import sys

from hub import AuthenticatedClient, Client
from hub.api.buckets import create_bucket, delete_bucket_by_path, get_bucket, get_bucket_policy, list_buckets
from hub.api.users import log_in, sign_up
from hub.models import (
    ConflictError,
    ConflictErrorError,
    CreateBucketAnswer,
    CreateBucketRequest,
    DeleteBucketAnswer,
    GetBucketPolicyAnswer,
    ListBucketsAnswer,
    LogInAnswer,
    LogInRequest,
    NotFoundError,
    SignUpAnswer,
    SignUpRequest,
)

url = sys.argv[1]
name = "python-bucket"
email, password = "python@example.com", "password of python"
anonymous = Client(base_url=url)


def expect(kind, answer):
    assert isinstance(answer, kind), answer
    return answer


account = SignUpRequest(email=email, password=password)
assert expect(SignUpAnswer, sign_up.sync(client=anonymous, body=account)).data.email == email
taken = expect(ConflictError, sign_up.sync(client=anonymous, body=account))
assert taken.error is ConflictErrorError.USER_ALREADY_EXISTS, taken

login = expect(LogInAnswer, log_in.sync(client=anonymous, body=LogInRequest(email=email, password=password)))
hub = AuthenticatedClient(base_url=url, token=login.data.token)

expect(CreateBucketAnswer, create_bucket.sync(client=hub, body=CreateBucketRequest(name=name)))
listed = expect(ListBucketsAnswer, list_buckets.sync(client=hub, limit=10))
assert [bucket.name for bucket in listed.data] == [name], listed
policy = expect(GetBucketPolicyAnswer, get_bucket_policy.sync(client=hub, name=name))
assert policy.policy["Version"] == "2012-10-17", policy
deleted = expect(DeleteBucketAnswer, delete_bucket_by_path.sync(client=hub, name=name))
assert deleted.message == f"Bucket '{name}' deleted successfully", deleted
expect(NotFoundError, get_bucket.sync(client=hub, name=name))
print("python: sign-up, login, bucket, list, policy, delete")
