#!/bin/sh
# Uploads the result of one part.
set -eu
index=${JOB_COMPLETION_INDEX:-${AWS_BATCH_JOB_ARRAY_INDEX:-}}
[ -n "$index" ] || { echo "There is no index." >&2; exit 1; }
aws s3 cp --no-progress "$WORK/summary.json" "s3://$BUCKET/results/$RUN/$index-of-$PARTS.json"
