package main

import (
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

type departure struct {
	From string `json:"from"`
	At   string `json:"at"`
}

func timetable(now time.Time) []departure {
	var list []departure
	for i, pier := range []string{"North Pier", "Mill", "Old Harbour"} {
		list = append(list, departure{pier, now.Truncate(time.Hour).Add(time.Duration(i+1) * 20 * time.Minute).Format("15:04")})
	}
	return list
}

func main() {
	cache, err := net.DialTimeout("tcp", os.Getenv("CACHE_ADDR"), 3*time.Second)
	if err != nil {
		log.Fatalf("cache: %v", err)
	}
	defer cache.Close()

	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	http.HandleFunc("/departures", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"line": os.Getenv("LINE"), "departures": timetable(time.Now())})
	})
	log.Fatal(http.ListenAndServe(os.Getenv("LISTEN"), nil))
}
