// Outpost watches its peers over TLS and answers for itself.
package main

import (
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"
)

type config struct {
	Listen string   `json:"listen"`
	Zone   string   `json:"zone"`
	Peers  []string `json:"peers"`
}

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	switch os.Args[1] {
	case "serve":
		flags := flag.NewFlagSet("serve", flag.ExitOnError)
		path := flags.String("config", "config.json", "configuration file")
		_ = flags.Parse(os.Args[2:])
		if err := serve(*path); err != nil {
			slog.Error("outpost stopped", "error", err)
			os.Exit(1)
		}
	case "healthcheck":
		response, err := http.Get("http://127.0.0.1:8080/healthz")
		if err != nil || response.StatusCode != http.StatusOK {
			os.Exit(1)
		}
	default:
		usage()
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: outpost serve --config FILE | healthcheck")
	os.Exit(2)
}

func serve(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var settings config
	if err := json.Unmarshal(data, &settings); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	zone, err := time.LoadLocation(settings.Zone)
	if err != nil {
		return err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /about", func(w http.ResponseWriter, _ *http.Request) {
		_, offset := time.Date(2026, 1, 1, 0, 0, 0, 0, zone).Zone()
		//lint:ignore SA1019 the number is all that is wanted
		trusted := len(roots.Subjects())
		_ = json.NewEncoder(w).Encode(map[string]any{"offset": offset, "trusts": trusted > 50, "peers": settings.Peers})
	})
	slog.Info("outpost", "listen", settings.Listen)
	return http.ListenAndServe(settings.Listen, mux)
}
