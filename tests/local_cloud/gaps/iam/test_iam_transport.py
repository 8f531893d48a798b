import json

import pytest
from iam_world import allow, assumed
from local_cloud_world import World


@pytest.mark.closes("iam_transport")
def test_a_denial_of_plain_http_costs_a_caller_nothing(cloud: World, name: str):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"bytes")
    plain = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [plain]}))

    reader = assumed(cloud, name, allow("s3:GetObject", f"arn:aws:s3:::{name}/*")).client("s3")

    assert reader.get_object(Bucket=name, Key="a")["Body"].read() == b"bytes"
