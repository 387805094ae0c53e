package main

import (
	"encoding/json"
	"flag"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

var version = "dev"

type config struct {
	Listen string            `json:"listen"`
	Routes map[string]string `json:"routes"`
}

func load(path string) (config, error) {
	var c config
	data, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(data, &c)
}

func main() {
	path := flag.String("config", "config.json", "configuration file")
	flag.Parse()

	c, err := load(*path)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	for prefix, target := range c.Routes {
		upstream, err := url.Parse(target)
		if err != nil {
			log.Fatal(err)
		}
		mux.Handle(prefix, http.StripPrefix(prefix, httputil.NewSingleHostReverseProxy(upstream)))
	}
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"version": version, "routes": len(c.Routes)})
	})
	log.Printf("mirror %s on %s", version, c.Listen)
	log.Fatal(http.ListenAndServe(c.Listen, mux))
}
