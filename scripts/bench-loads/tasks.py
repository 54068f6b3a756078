"""Asyncio tasks that wait, each three coroutines deep: tasks.py TASKS."""

import asyncio
import sys


async def fetch():
    await asyncio.Event().wait()


async def handle():
    await fetch()


async def serve():
    await handle()


async def main():
    tasks = [asyncio.create_task(serve(), name="worker-%d" % number) for number in range(int(sys.argv[1]))]
    await asyncio.sleep(0.3)
    print("ready", flush=True)
    await asyncio.gather(*tasks)


asyncio.run(main())
