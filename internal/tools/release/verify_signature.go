package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const (
	repository = owner + "/" + project
	workflow   = repository + "/.github/workflows/release.yml"
	issuer     = "https://token.actions.githubusercontent.com"
)

// checkSignature: the signature is what both registries check, by the key with the
// expected fingerprint, and no other.
func (r release) checkSignature() []string {
	armored, err := os.Open(r.key)
	if err != nil {
		return []string{err.Error()}
	}
	defer func() { _ = armored.Close() }()
	keys, err := openpgp.ReadArmoredKeyRing(armored)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", r.key, err)}
	}
	if len(keys) != 1 {
		return []string{fmt.Sprintf("%s has %d keys, want one", r.key, len(keys))}
	}
	primary := keys[0].PrimaryKey
	if got := hex.EncodeToString(primary.Fingerprint); !strings.EqualFold(got, r.fingerprint) {
		return []string{fmt.Sprintf("%s has the key %s, want %s", r.key, got, r.fingerprint)}
	}
	if primary.PubKeyAlgo != packet.PubKeyAlgoRSA {
		return []string{"the key is not an RSA key, and the Terraform Registry takes no elliptic curves"}
	}
	sums, err := os.ReadFile(r.path("SHA256SUMS"))
	if err != nil {
		return []string{err.Error()}
	}
	signature, err := os.ReadFile(r.path("SHA256SUMS.sig"))
	if err != nil {
		return []string{err.Error()}
	}
	if _, err := openpgp.CheckDetachedSignature(keys, bytes.NewReader(sums), bytes.NewReader(signature), nil); err != nil {
		return []string{fmt.Sprintf("SHA256SUMS.sig: %v", err)}
	}
	return nil
}

// checkCosign: the workflow of this release, at this tag, has signed the checksums.
func (r release) checkCosign() []string {
	return r.external("cosign", "verify-blob", "--bundle", r.path("SHA256SUMS.sigstore.json"),
		"--certificate-identity", "https://github.com/"+workflow+"@refs/tags/v"+r.version,
		"--certificate-oidc-issuer", issuer, r.path("SHA256SUMS"))
}

// checkProvenance: each archive was built by that workflow from that commit.
func (r release) checkProvenance() (problems []string) {
	for _, name := range r.summed() {
		problems = append(problems, r.external("gh", "attestation", "verify", r.path(strings.TrimPrefix(name, r.name(""))),
			"--bundle", r.path("provenance.sigstore.json"), "--repo", repository, "--signer-workflow", workflow,
			"--source-ref", "refs/tags/v"+r.version, "--source-digest", r.commit, "--deny-self-hosted-runners")...)
	}
	return problems
}

// external runs another program. If it is not installed, that is a problem too.
func (r release) external(name string, args ...string) []string {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return []string{fmt.Sprintf("%s %s: %v: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(out))}
	}
	return nil
}
