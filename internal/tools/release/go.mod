// What a release needs and a registry never sees: SBOMs, licences, and the check of a release before it is published.
module tools/release

go 1.26.0

require (
	github.com/ProtonMail/go-crypto v1.4.1
	github.com/google/licensecheck v0.3.1
	github.com/spdx/tools-golang v0.5.7
	go.yaml.in/yaml/v3 v3.0.4
)

require (
	github.com/anchore/go-struct-converter v0.1.0 // indirect
	github.com/cloudflare/circl v1.6.2 // indirect
	golang.org/x/crypto v0.41.0 // indirect
	golang.org/x/sys v0.35.0 // indirect
)
