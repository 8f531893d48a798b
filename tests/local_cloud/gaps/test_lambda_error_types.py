import pytest
from local_cloud_world import World

RAISES = """
class Busy(Exception):
    pass

def handler(event, context):
    raise Busy("come back later")
"""

FAULTS = {
    "an exception's class": (RAISES, "index.handler", "Busy", "come back later"),
    "a module that imports what is not there": (
        "import no_such_module",
        "index.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'index': No module named 'no_such_module'",
    ),
    "no module of that name": (
        "",
        "other.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'other': No module named 'other'",
    ),
    "no function of that name": (
        "",
        "index.handler",
        "Runtime.HandlerNotFound",
        "Handler 'handler' missing on module 'index'",
    ),
    "a module that is no Python": (
        "def handler(event, context) return",
        "index.handler",
        "Runtime.UserCodeSyntaxError",
        "Syntax error in module 'index': expected ':' (index.py, line 1)",
    ),
    "a module whose top level raises": ("{}['SETTING']", "index.handler", "KeyError", "'SETTING'"),
    "an answer that is no JSON": (
        "def handler(event, context): return {1, 2}",
        "index.handler",
        "Runtime.MarshalError",
        "Unable to marshal response: Object of type set is not JSON serializable",
    ),
}


@pytest.mark.closes("lambda_error_types")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_failed_function_names_its_error_as_aws_does(cloud: World, name: str, fault: str):
    code, handler, error_type, message = FAULTS[fault]
    cloud.function(name, code, Handler=handler)

    answer = cloud.invoke(name)

    assert (answer["errorType"], answer["errorMessage"]) == (error_type, message)
    assert set(answer) == {"errorType", "errorMessage", "stackTrace", "requestId"}


@pytest.mark.closes("lambda_error_types")
def test_a_stack_trace_is_the_functions_own(cloud: World, name: str):
    cloud.function(name, RAISES)

    (frame,) = cloud.invoke(name)["stackTrace"]

    assert frame.endswith('code/index.py", line 6, in handler\n    raise Busy("come back later")\n')


@pytest.mark.closes("lambda_error_types")
def test_a_process_that_ends_is_an_exit_error(cloud: World, name: str):
    cloud.function(name, "import os\ndef handler(event, context): os._exit(1)")

    assert cloud.invoke(name)["errorType"] == "Runtime.ExitError"


@pytest.mark.closes("lambda_error_types")
def test_a_retry_that_names_the_class_is_taken_and_one_that_names_another_is_not(cloud: World, name: str, tmp_path):
    tries = tmp_path / "tries"
    code = f"""
class Busy(Exception): pass
class Broken(Exception): pass

def handler(event, context):
    with open({str(tries)!r}, "a") as file:
        file.write(event["raise"][0])
    raise globals()[event["raise"]]()
"""
    function = cloud.function(name, code)
    retry = {"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2}
    machine = cloud.machine(name, {"Try": {"Type": "Task", "Resource": function, "Retry": [retry], "End": True}})

    ended = [cloud.run(machine, {"raise": error})["error"] for error in ("Busy", "Broken")]

    assert (ended, sorted(tries.read_text())) == (["Busy", "Broken"], ["B"] * 4)
