import pytest
from botocore.exceptions import ClientError
from local_cloud_world import World

TOKEN = "0" * 32


@pytest.mark.closes("secrets_versions")
def test_a_version_of_a_secret_never_changes(cloud: World, name: str):
    client = cloud.client("secretsmanager")
    arn = client.create_secret(Name=name, SecretString="first")["ARN"]
    second = {"SecretId": arn, "ClientRequestToken": TOKEN, "SecretString": "second"}
    client.put_secret_value(**second)

    again = client.put_secret_value(**second, VersionStages=["OTHER"])
    with pytest.raises(ClientError) as refused:
        client.put_secret_value(**second | {"SecretString": "third"})

    assert refused.value.response["Error"]["Code"] == "ResourceExistsException"
    assert (again["VersionId"], again["VersionStages"]) == (TOKEN, ["AWSCURRENT"])
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "second"
