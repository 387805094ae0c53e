// Command clock tells the time in any time zone.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"example.com/clock/zone"
)

func main() {
	addr := os.Getenv("LISTEN")
	if addr == "" {
		addr = ":8080"
	}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok"))
	})
	http.HandleFunc("GET /time/", func(w http.ResponseWriter, r *http.Request) {
		now, err := zone.Now(strings.TrimPrefix(r.URL.Path, "/time/"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{
			"zone": now.Location().String(),
			"time": now.Format(time.RFC3339),
		})
	})
	// tells how far this machine's clock is off a public server's
	http.HandleFunc("GET /drift", func(w http.ResponseWriter, _ *http.Request) {
		drift, err := zone.Drift(os.Getenv("REFERENCE_URL"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"drift": drift.String()})
	})
	log.Printf("clock on %s, local zone %s", addr, time.Local)
	log.Fatal(http.ListenAndServe(addr, nil))
}
