#!/bin/sh
# Downloads the results of all parts of a run. A part without a result is an error, and so is one that has not as many captures as the list of the run:
# the sum would be of other captures.
set -eu
mkdir -p "$WORK/results"
aws s3 cp --no-progress "s3://$BUCKET/results/$RUN/keys" "$WORK/keys"
keys=0
while IFS= read -r _; do keys=$((keys + 1)); done <"$WORK/keys"
index=0
while [ "$index" -lt "$PARTS" ]; do
  result=$WORK/results/$index-of-$PARTS.json
  aws s3 cp --no-progress "s3://$BUCKET/results/$RUN/$index-of-$PARTS.json" "$result" || {
    echo "Part $index of run $RUN has no result: the log of its pod says why." >&2
    exit 1
  }
  files=
  while read -r name value; do
    [ "$name" != '"files":' ] || files=${value%,}
  done <"$result"
  want=$(((keys - index + PARTS - 1) / PARTS))
  if [ "$files" != "$want" ]; then
    echo "Part $index of run $RUN has the counts of $files captures, and its list has $want: set another RUN, and run both jobs again." >&2
    exit 1
  fi
  index=$((index + 1))
done
