terraform import trafficmirror_filter_rule.https tmfr-0123456789abcdef0

# As with provider "aws":
terraform import trafficmirror_filter_rule.https tmf-0123456789abcdef0:tmfr-0123456789abcdef0
