"""Samples of what raw really holds, for the environments that releases are proved in: chosen, masked, recorded.

lossless      JSON that is written as it was read
pages         certified pages -> records
choose        which records, by their keys alone
places        what the contract names in a record, and the record with that alone
verdicts      what the transform will say of a value
mask          what stands in the place of a personal value
form          the recorded file
marker        the mark that a file was masked
upstream      answers of a sample that was not, masked on their way in
"""

from lakeward.sampling.choose import Choice
from lakeward.sampling.marker import is_masked
from lakeward.sampling.run import Sample, take_sample
from lakeward.sampling.upstream import MaskingUpstream

__all__ = ["Choice", "MaskingUpstream", "Sample", "is_masked", "take_sample"]
