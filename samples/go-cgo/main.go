package main

// #include "fletcher.h"
import "C"

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"unsafe"
)

const limit = 1 << 20

func checksum(data []byte) uint32 {
	if len(data) == 0 {
		return 0
	}
	return uint32(C.fletcher32((*C.uint8_t)(unsafe.Pointer(&data[0])), C.size_t(len(data))))
}

func main() {
	http.HandleFunc("GET /checksum/{text}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%08x\n", checksum([]byte(r.PathValue("text"))))
	})
	http.HandleFunc("POST /checksum", func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if err != nil {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		fmt.Fprintf(w, "%08x\n", checksum(data))
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
