terraform import trafficmirror_filter.web tmf-0123456789abcdef0

# In another Region than that of the provider block:
terraform import trafficmirror_filter.web tmf-0123456789abcdef0@eu-west-1
terraform import trafficmirror_filter.web arn:aws:ec2:eu-west-1:123456789012:traffic-mirror-filter/tmf-0123456789abcdef0
