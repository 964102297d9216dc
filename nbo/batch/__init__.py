"""Score and decide for all customers as a job that can be killed and run again."""

from nbo.batch.job import score
from nbo.batch.kernel import score_arrow_batch
from nbo.batch.open_result import open_result
from nbo.batch.result import BatchResult
from nbo.batch.score_frame import score_frame

__all__ = ["BatchResult", "open_result", "score", "score_arrow_batch", "score_frame"]
