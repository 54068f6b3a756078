"""Every call goes leaf_a under hot_a and leaf_b under hot_b: any other stack is torn."""


def leaf_a():
    pass


def leaf_b():
    pass


def hot_a():
    leaf_a()


def hot_b():
    leaf_b()


def run():
    print("ready", flush=True)
    while True:
        hot_a()
        hot_b()


run()
