"""Read Parquet from standard input and write it to standard output as an Arrow stream.

Run as a script in a process of its own (see `parquet.py`): a file of a few kilobytes may unpack to
gigabytes, and what its header says may be a lie. Only the system can hold a reader to its limits.
It imports nothing of gdviz. Exit codes: 3 is a damaged file, 4 a table that is too large.
"""

import sys
from typing import Any

DAMAGED, TOO_LARGE = 3, 4


def hold(memory: int, seconds: int) -> None:
    """Have the system end this process beyond so many bytes and seconds; not on every system."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock is all there is
        return
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # the system's own limit is lower, or it has none
            continue


def plain(schema: Any) -> Any:
    """Return a schema whose columns hold their values, and no places in a dictionary of them."""
    import pyarrow as pa

    fields = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in schema
    ]
    return pa.schema(fields, schema.metadata)


def unpacked_bytes(batch: Any) -> int:
    """Return the bytes of a batch once every text stands where it is said, not once for all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = batch.nbytes
    for column in batch.columns:
        if pa.types.is_dictionary(column.type) and not pa.types.is_primitive(
            column.type.value_type
        ):
            lengths = pc.take(pc.binary_length(column.dictionary), column.indices)
            size += pc.sum(lengths).as_py() or 0
    return size


def main(memory: int, seconds: int, cells: int, columns: int, most: int) -> int:
    """Copy the table, at most `most` bytes of it once unpacked."""
    data = sys.stdin.buffer.read()
    import pyarrow as pa
    import pyarrow.parquet as pq

    hold(memory, seconds)
    try:
        source = pa.BufferReader(data)
        file = pq.ParquetFile(source, thrift_string_size_limit=len(data) + 1024)
        said = file.metadata
        if said.num_columns > columns or said.num_rows * said.num_columns > cells:
            print(said.num_rows, said.num_columns, file=sys.stderr)
            return TOO_LARGE
        schema = plain(file.schema_arrow)
        if any(pa.types.is_nested(field.type) for field in schema):
            return DAMAGED
        with pa.ipc.new_stream(sys.stdout.buffer, schema) as out:
            for batch in file.iter_batches(batch_size=8192, use_threads=False):
                most -= unpacked_bytes(batch)
                if most < 0:
                    return TOO_LARGE
                out.write_batch(batch.cast(schema))
    except MemoryError:
        return TOO_LARGE
    except (pa.ArrowException, OSError, ValueError) as error:
        return TOO_LARGE if "alloc" in str(error) else DAMAGED
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
