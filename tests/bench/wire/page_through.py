"""Pages through all runs of an experiment, and prints how many seconds that took."""

import sys
import time

from mlflow import MlflowClient

client = MlflowClient()
began = time.monotonic()
count, token = 0, None
while True:
    page = client.search_runs([sys.argv[1]], max_results=1000, page_token=token)
    count, token = count + len(page), page.token
    if not token:
        break
assert count == 10_000, count
print(time.monotonic() - began)
