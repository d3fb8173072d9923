#!/bin/sh
# Downloads the results of all parts. A part without a result is an error: the sum would lack it.
set -eu
mkdir -p "$WORK/results"
index=0
while [ "$index" -lt "$PARTS" ]; do
  aws s3 cp --no-progress "s3://$BUCKET/results/summary-$index.json" "$WORK/results/"
  index=$((index + 1))
done
