"""Reading what people upload: whatever the file is, it becomes rows in one Parquet file, a batch in memory at a time."""
