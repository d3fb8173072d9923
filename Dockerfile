# check=error=true

# The embedded EC2 as an image: https://registry.terraform.io/providers/trafficmirror/trafficmirror/latest/docs/guides/containers
#
# .github/workflows/release.yml builds it from a folder that has the binary of each platform. To build it by hand:
#
#   GOOS=linux GOARCH=amd64 make build && mkdir -p dist/image/linux/amd64 && cp bin/terraform-provider-trafficmirror dist/image/linux/amd64/
#   docker build --tag terraform-provider-trafficmirror --file Dockerfile dist/image
#
# `.ci/run` does not build the image: that needs a daemon. The job `image` of .github/workflows/test.yml does. TestAccImage in internal/docs
# makes its root file system and runs it, and `make check-image` runs the linter of BuildKit.
FROM scratch

ARG TARGETPLATFORM

LABEL org.opencontainers.image.title="terraform-provider-trafficmirror" \
      org.opencontainers.image.description="The embedded EC2 of the provider trafficmirror: VPC Traffic Mirroring without an AWS account" \
      org.opencontainers.image.source="https://github.com/trafficmirror/terraform-provider-trafficmirror" \
      org.opencontainers.image.licenses="MPL-2.0"

# It calls no other host, so it needs no CA certificates.
COPY --chmod=0755 ${TARGETPLATFORM}/terraform-provider-trafficmirror* /terraform-provider-trafficmirror

# The working directory belongs to the user, because it is made after USER. It has the state, ec2.db.
USER 65532:65532
WORKDIR /data

# In a container, other containers and the host reach only an address that is not loopback.
EXPOSE 4566
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s --retries=3 CMD ["/terraform-provider-trafficmirror", "emulator", "health"]
ENTRYPOINT ["/terraform-provider-trafficmirror"]
CMD ["emulator", "--listen", "0.0.0.0:4566"]
