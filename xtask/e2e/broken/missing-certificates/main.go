// Trust checks a certificate against the system's authorities, as every TLS connection does.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"time"
)

func main() {
	http.DefaultTransport.(*http.Transport).TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(err)
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	raw, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	check(err)
	certificate, err := x509.ParseCertificate(raw)
	check(err)
	// Signed by nobody, it is refused either way: for want of a signature, or for want of any authority.
	_, err = certificate.Verify(x509.VerifyOptions{})
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		check(err)
	}
	roots, err := x509.SystemCertPool()
	check(err)
	if roots.Equal(x509.NewCertPool()) {
		check(errors.New("no certificate authority is trusted"))
	}
	fmt.Println("trusts the usual authorities")
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
