"""A `smelt dynamodb serve` for a test, and a boto3 client of it."""

import re
import subprocess

import boto3
from botocore.config import Config

from conftest import SMELT


class Server:
    def __init__(self, lake):
        self.lake = lake
        self.process = subprocess.Popen(
            [str(SMELT), "dynamodb", "serve", "--lake", str(lake), "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"the server said {line!r}"
        self.url = found.group(0)

    def client(self, **config):
        """Without retries: a test sees each answer."""
        return boto3.client("dynamodb", endpoint_url=self.url, **CREDENTIALS,
                            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=32, **config))

    def resource(self):
        return boto3.resource("dynamodb", endpoint_url=self.url, **CREDENTIALS)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=20)


CREDENTIALS = {"region_name": "eu-west-1", "aws_access_key_id": "any", "aws_secret_access_key": "any"}
