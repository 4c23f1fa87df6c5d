"""Where backups go: a bucket that speaks S3, in streams."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from handlers.jobs.failures import Failure
from handlers.jobs.streams import Content

PART_BYTES = 8 << 20  # 10,000 of these at most: 80 GiB
TIMES = {"connect_timeout": 5, "read_timeout": 60, "retries": {"total_max_attempts": 3}}


@dataclass(frozen=True)
class Place:
    """An endpoint, a bucket and who may write there."""

    endpoint: str
    bucket: str
    key_id: str
    secret_key: str


def from_env(*others: str) -> Place:
    """Read where backups are; say of all that is missing at once, *others* among it."""
    names = ("BACKUP_S3_ENDPOINT", "BACKUP_S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    if missing := [name for name in (*names, *others) if not os.environ.get(name)]:
        raise Failure(f"Not set: {', '.join(missing)}.")
    return Place(*(os.environ[name] for name in names))


class Store:
    """The objects of one bucket; what goes wrong there is a `Failure`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        # Not every store knows the checksums that S3 has learned of late; backups have their own.
        config = Config(
            **TIMES,
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with self._told():
            self._s3 = boto3.client(
                "s3",
                endpoint_url=place.endpoint,
                aws_access_key_id=place.key_id,
                aws_secret_access_key=place.secret_key,
                region_name="auto",
                config=config,
            )

    def names(self) -> list[str]:
        """Return the names of all objects, in order."""
        with self._told():
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.place.bucket)
            return sorted(each["Key"] for page in pages for each in page.get("Contents", ()))

    def size(self, name: str) -> int:
        with self._told():
            return int(self._s3.head_object(**self._object(name))["ContentLength"])

    def open(self, name: str) -> Content:
        """Return the object's content as it arrives; to be closed."""
        with self._told():
            body: Content = self._s3.get_object(**self._object(name))["Body"]
            return body

    def read_json(self, name: str) -> dict[str, Any]:
        with self._told():
            return dict(json.loads(self.open(name).read()))

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=2).encode()
        with self._told():
            self._s3.put_object(**self._object(name), Body=text, ContentType="application/json")

    def remove(self, name: str) -> None:
        with self._told():
            self._s3.delete_object(**self._object(name))

    @contextmanager
    def upload(self, name: str) -> Iterator["Upload"]:
        """Yield what takes the content; the object exists when all went well, or not at all."""
        with self._told():
            begun = self._s3.create_multipart_upload(**self._object(name))
            upload = Upload(self._s3, self._object(name) | {"UploadId": begun["UploadId"]})
            try:
                yield upload
                upload.complete()
            except BaseException:
                with suppress(BotoCoreError, ClientError):  # the first error is the one to tell
                    upload.abort()
                raise

    def _object(self, name: str) -> dict[str, str]:
        return {"Bucket": self.place.bucket, "Key": name}

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what the store, or the way to it, has refused."""
        at = f"The store {self.place.endpoint}"
        try:
            yield
        except ClientError as ex:
            code = ex.response.get("Error", {}).get("Code", "")
            raise Failure(_sentence(at, self.place.bucket, str(code))) from ex
        except BotoCoreError as ex:
            raise Failure(f"{at} cannot be reached: {type(ex).__name__}.") from ex
        except ValueError as ex:
            raise Failure(f"{at} is none, or does not answer as one: {type(ex).__name__}.") from ex


class Upload:
    """One object on its way: parts of 8 MiB, of which one is in memory."""

    def __init__(self, s3: Any, upload: Mapping[str, str]) -> None:
        self._s3 = s3
        self._upload = upload
        self._waiting = bytearray()
        self._parts: list[dict[str, Any]] = []
        self._hash = sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash, in hex, of what was written so far."""
        return self._hash.hexdigest()

    def write(self, content: bytes) -> int:
        self._hash.update(content)
        self.size += len(content)
        self._waiting += content
        if len(self._waiting) >= PART_BYTES:
            self._send()
        return len(content)

    def flush(self) -> None:
        """Wait for a whole part."""

    def complete(self) -> None:
        self._send()
        parts = {"Parts": self._parts}
        self._s3.complete_multipart_upload(**self._upload, MultipartUpload=parts)

    def abort(self) -> None:
        self._s3.abort_multipart_upload(**self._upload)

    def _send(self) -> None:
        if not self._waiting and self._parts:
            return
        number = len(self._parts) + 1
        sent = self._s3.upload_part(**self._upload, PartNumber=number, Body=bytes(self._waiting))
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._waiting.clear()


def _sentence(at: str, bucket: str, code: str) -> str:
    match code:
        case "NoSuchBucket":
            return f"{at} has no bucket {bucket}: make it, or set BACKUP_S3_BUCKET."
        case "NoSuchKey" | "404":
            return f"{at} has no such object in {bucket}."
        case "AccessDenied" | "403" | "InvalidAccessKeyId" | "SignatureDoesNotMatch":
            return f"{at} refuses the key AWS_ACCESS_KEY_ID for the bucket {bucket} ({code})."
        case _:
            return f"{at} refuses: {code}."
