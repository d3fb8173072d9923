package plugin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"math/big"
	"time"
)

// mutualTLS returns how to encrypt a connection that only the owner of the CLI's certificate
// gets, and the certificate of this process as the handshake has it. Both are empty for a
// CLI without one.
func mutualTLS(clientPEM string) (config *tls.Config, certificate string, err error) {
	if clientPEM == "" {
		return nil, "", nil
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM([]byte(clientPEM)) {
		return nil, "", errors.New("PLUGIN_CLIENT_CERT is not a certificate in PEM")
	}
	own, err := newCertificate()
	if err != nil {
		return nil, "", err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{own},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    clients,
		RootCAs:      clients,
		ServerName:   serverName,
		MinVersion:   tls.VersionTLS12,
	}, base64.RawStdEncoding.EncodeToString(own.Certificate[0]), nil
}

// serverName is the name for which the CLI asks.
const serverName = "localhost"

// newCertificate makes a certificate for this process, which the CLI gets in the handshake
// and trusts for no other. go-plugin takes the curve P-521, whose signatures take 10 times
// as long.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          new(big.Int).SetUint64(uint64(now.UnixNano())),
		Subject:               pkix.Name{CommonName: serverName},
		DNSNames:              []string{serverName},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		NotBefore:             now.Add(-time.Minute), // clocks of one machine may jump
		NotAfter:              now.AddDate(30, 0, 0),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{certificate}, PrivateKey: key}, err
}
