"""Background work: media, models, pipelines and the Celery tasks that run them."""
