"""PyIceberg's file access through our S3 client: what it reads is remembered, what it writes goes through boto3."""

from __future__ import annotations

import io
from types import TracebackType
from typing import Any

from pyiceberg.io import FileIO, InputFile, InputStream, OutputFile, OutputStream

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.tables.objects import ObjectStore, split_uri


class StoreInput(InputFile):
    """An object to read, whole."""

    def __init__(self, location: str, objects: ObjectStore) -> None:
        super().__init__(location=location)
        self.objects = objects

    def __len__(self) -> int:
        return len(self.objects.read_immutable(self.location))

    def exists(self) -> bool:
        try:
            self.objects.read_immutable(self.location)
        except QueryError:
            return False
        return True

    def open(self, seekable: bool = True) -> InputStream:  # noqa: ARG002 - PyIceberg's signature
        try:
            return io.BytesIO(self.objects.read_immutable(self.location))
        except QueryError as error:
            raise FileNotFoundError(self.location) from error


class _Upload(io.BytesIO):
    """Bytes that become an object when closed."""

    def __init__(self, location: str, objects: ObjectStore) -> None:
        super().__init__()
        self.location, self.objects = location, objects

    def close(self) -> None:
        if not self.closed:
            self.objects.write(self.location, self.getvalue())
        super().close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()


class StoreOutput(OutputFile):
    """An object to write."""

    def __init__(self, location: str, objects: ObjectStore) -> None:
        super().__init__(location=location)
        self.objects = objects

    def __len__(self) -> int:
        return len(self.to_input_file())

    def exists(self) -> bool:
        bucket, key = split_uri(self.location)
        try:
            self.objects.s3.head_object(Bucket=bucket, Key=key)
        except self.objects.s3.exceptions.ClientError:
            return False
        return True

    def create(self, overwrite: bool = False) -> OutputStream:
        if not overwrite and self.exists():
            raise FileExistsError(self.location)
        return _Upload(self.location, self.objects)

    def to_input_file(self) -> StoreInput:
        return StoreInput(self.location, self.objects)


class StoreIO(FileIO):
    """PyIceberg's port to our object store."""

    def __init__(self, objects: ObjectStore, properties: dict[str, str] | None = None) -> None:
        super().__init__(properties=properties or {})
        self.objects = objects

    def new_input(self, location: str) -> StoreInput:
        return StoreInput(location, self.objects)

    def new_output(self, location: str) -> StoreOutput:
        return StoreOutput(location, self.objects)

    def delete(self, location: str | Any) -> None:
        self.objects.delete([location if isinstance(location, str) else location.location])
