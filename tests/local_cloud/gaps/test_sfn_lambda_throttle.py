import pytest
from local_cloud_world import World


@pytest.mark.closes("sfn_lambda_throttle")
def test_a_throttled_function_fails_its_task_by_the_name_that_retries_have(cloud: World, name: str):
    function = cloud.function(name, "def handler(event, context): pass")
    cloud.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    machine = cloud.machine(name, {"Call": {"Type": "Task", "Resource": function, "End": True}})

    ended = cloud.run(machine)

    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.TooManyRequestsException")
