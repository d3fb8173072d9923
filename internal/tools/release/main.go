// Command release has what a release of the provider needs beyond GoReleaser:
//
//	release sbom VERSION ARCHIVE DOCUMENT   writes the SBOM of an archive, as SPDX JSON
//	release licences                        checks the licence of each module that the provider is linked with
//	release notices                         writes THIRD_PARTY_NOTICES, the licences of these modules
//	release notes VERSION                   prints the section of CHANGELOG.md
//	release notes VERSION FILE              checks that a file, the notes of the release, has this section
//	release platforms                       prints the platforms of the releases, such as linux_amd64
//	release verify [flags] FOLDER           checks the assets of a release before it is published
//
// It is run in its own folder, by the GNUmakefile, .goreleaser.yml and the release
// workflow.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// root is the folder of the project, as seen from that of this program.
const root = "../../.."

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "Error: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	switch {
	case len(args) == 4 && args[0] == "sbom":
		return writeSBOM(args[1], args[2], args[3])
	case len(args) == 1 && args[0] == "licences":
		return checkLicences(out)
	case len(args) == 1 && args[0] == "notices":
		return writeNotices()
	case len(args) == 2 && args[0] == "notes":
		return printNotes(args[1], out)
	case len(args) == 3 && args[0] == "notes":
		return checkNotes(args[1], args[2])
	case len(args) == 1 && args[0] == "platforms":
		return printPlatforms(out)
	case len(args) > 1 && args[0] == "verify":
		return verifyCommand(args[1:], out)
	}
	return errors.New("usage: release sbom VERSION ARCHIVE DOCUMENT | licences | notices | notes VERSION [FILE] | platforms | verify [flags] FOLDER")
}
