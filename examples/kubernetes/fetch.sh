#!/bin/sh
# Downloads the captures of one part into $WORK/in: those whose number, from 0, is the index of the
# part when it is divided by PARTS.
set -eu
index=${JOB_COMPLETION_INDEX:-${AWS_BATCH_JOB_ARRAY_INDEX:-}}
[ -n "$index" ] || { echo "This is no indexed Job of Kubernetes and no array job of AWS Batch: there is no index." >&2; exit 1; }
mkdir -p "$WORK/in"
aws s3api list-objects-v2 --bucket "$BUCKET" --prefix captures/ --query 'Contents[].[Key]' --output text >"$WORK/keys"
number=0
while IFS= read -r key; do
  if [ $((number % PARTS)) -eq "$index" ]; then
    aws s3 cp --no-progress "s3://$BUCKET/$key" "$WORK/in/$(printf '%06d' "$number")-${key##*/}"
  fi
  number=$((number + 1))
done <"$WORK/keys"
if [ "$number" -lt "$PARTS" ]; then
  echo "There are $number captures for $PARTS parts: set completions and PARTS to $number or less." >&2
  exit 1
fi
