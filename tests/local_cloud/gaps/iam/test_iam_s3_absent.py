import pytest
from botocore.exceptions import ClientError
from iam_world import allow, assumed
from local_cloud_world import World


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


@pytest.mark.closes("iam_s3_absent")
def test_who_may_not_list_is_not_told_that_a_key_is_absent(cloud: World, name: str):
    cloud.client("s3").create_bucket(Bucket=name)
    s3 = assumed(cloud, name, allow("s3:GetObject", f"arn:aws:s3:::{name}/*")).client("s3")

    with pytest.raises(ClientError) as got:
        s3.get_object(Bucket=name, Key="a")
    with pytest.raises(ClientError) as headed:
        s3.head_object(Bucket=name, Key="a")

    assert (code(got), code(headed)) == ("AccessDenied", "403")


def test_who_may_list_is_told(cloud: World, name: str):
    cloud.client("s3").create_bucket(Bucket=name)
    read = allow("s3:GetObject", f"arn:aws:s3:::{name}/*")
    s3 = assumed(cloud, name, read, allow("s3:ListBucket", f"arn:aws:s3:::{name}")).client("s3")

    with pytest.raises(ClientError) as got:
        s3.get_object(Bucket=name, Key="a")
    with pytest.raises(ClientError) as headed:
        s3.head_object(Bucket=name, Key="a")

    assert (code(got), code(headed)) == ("NoSuchKey", "404")


def test_a_key_that_is_there_is_read_without_listing(cloud: World, name: str):
    owner = cloud.client("s3")
    owner.create_bucket(Bucket=name)
    owner.put_object(Bucket=name, Key="a", Body=b"bytes")
    s3 = assumed(cloud, name, allow("s3:GetObject", f"arn:aws:s3:::{name}/*")).client("s3")

    assert s3.get_object(Bucket=name, Key="a")["Body"].read() == b"bytes"
    assert s3.head_object(Bucket=name, Key="a")["ContentLength"] == 5
