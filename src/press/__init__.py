"""The press turns Python functions into cached files: figures, numbers, data, trained models.

It knows nothing of diffusion. It reads the function's source to name it, hashes what the function depends on to know
whether it is stale, runs it in a worker process, and keeps what comes out in a content-addressed store.
"""
