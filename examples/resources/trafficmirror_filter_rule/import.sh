terraform import trafficmirror_filter_rule.https tmfr-0123456789abcdef0

# As with provider "aws":
terraform import trafficmirror_filter_rule.https tmf-0123456789abcdef0:tmfr-0123456789abcdef0

# In another Region than that of the provider block:
terraform import trafficmirror_filter_rule.https tmfr-0123456789abcdef0@eu-west-1
terraform import trafficmirror_filter_rule.https arn:aws:ec2:eu-west-1:123456789012:traffic-mirror-filter-rule/tmfr-0123456789abcdef0
