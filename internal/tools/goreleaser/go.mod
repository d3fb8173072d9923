// Builds GoReleaser, which checks .goreleaser.yml and makes the releases.
module tools/goreleaser

go 1.26.0

tool github.com/goreleaser/goreleaser/v2

require github.com/goreleaser/goreleaser/v2 v2.16.0
