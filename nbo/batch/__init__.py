"""Score and decide for all customers as a job that can be killed and run again."""

from nbo.batch.job import score
from nbo.batch.kernel import score_arrow_batch
from nbo.batch.result import BatchResult
from nbo.batch.score_frame import score_frame

__all__ = ["BatchResult", "score", "score_arrow_batch", "score_frame"]
