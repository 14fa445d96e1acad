"""A Python function that does nothing, to measure the minimum."""


def handler(event, context):
    return False
