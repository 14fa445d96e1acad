"""What a function in Python needs that does nothing."""


def handler(event, context):
    return False
