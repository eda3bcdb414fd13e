// Shows the server's own document. Nothing is asked of any other origin: the online validator is off.
globalThis.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#document",
  deepLinking: true,
  displayOperationId: true,
  docExpansion: "none",
  validatorUrl: null,
});
