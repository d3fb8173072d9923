#!/bin/sh
# Runs each fuzz target of the project for the time that is given:
#
#   fuzz.sh 10s
set -eu

# go test runs one fuzz target of one package at a time.
grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' internal | sort | while IFS=: read -r file func; do
  go test -run '^$' -fuzz "^${func#func }\$" -fuzztime "$1" "./${file%/*}" </dev/null
done
