"""What a registry keeps: blobs by digest, uploads on their way, and repositories with their names."""
