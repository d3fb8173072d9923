#!/bin/sh
# Downloads the captures of one part into $WORK/in: those whose number in the list of the run, from 0, is the index of the part when it is divided by
# PARTS. The first pod of a run writes the list, and all others read that one: captures that come or go meanwhile change nothing.
set -eu
index=${JOB_COMPLETION_INDEX:-${AWS_BATCH_JOB_ARRAY_INDEX:-}}
[ -n "$index" ] || { echo "This is no indexed Job of Kubernetes and no array job of AWS Batch: there is no index." >&2; exit 1; }
mkdir -p "$WORK/in"
aws s3api list-objects-v2 --bucket "$BUCKET" --prefix captures/ --query 'Contents[].[Key]' --output text >"$WORK/listing"
number=0
while IFS= read -r key; do
  case $key in
    */) ;; # a folder
    captures/*)
      printf '%s\n' "$key"
      number=$((number + 1))
      ;;
  esac
done <"$WORK/listing" >"$WORK/own-keys"
if [ "$number" -lt "$PARTS" ]; then
  echo "There are $number captures for $PARTS parts: set completions and PARTS to $number or less." >&2
else
  # S3 refuses to overwrite: then the run has a list. If it has none, the next command fails.
  aws s3api put-object --bucket "$BUCKET" --key "results/$RUN/keys" --body "$WORK/own-keys" --if-none-match '*' >/dev/null || echo "This pod did not write the list of run $RUN." >&2
fi
aws s3 cp --no-progress "s3://$BUCKET/results/$RUN/keys" "$WORK/keys"
number=0
while IFS= read -r key; do
  if [ $((number % PARTS)) -eq "$index" ]; then
    aws s3 cp --no-progress "s3://$BUCKET/$key" "$WORK/in/$(printf '%06d' "$number")-${key##*/}"
  fi
  number=$((number + 1))
done <"$WORK/keys"
if [ "$number" -lt "$PARTS" ]; then
  echo "The list of run $RUN has $number captures for $PARTS parts: set completions and PARTS to $number or less." >&2
  exit 1
fi
